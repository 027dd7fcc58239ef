#!/usr/bin/env bash
# The browser tests drive Debian's Chromium. Install it where we may; else the tests that need it
# are skipped and say why.
set -u
command -v chromium >/dev/null && command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh 2>/dev/null)" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "正在安装 Chromium 和中文字体（浏览器测试用）……"
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig; } >/dev/null 2>&1 && exit 0
fi
echo "没有 Chromium，浏览器测试将跳过。安装：sudo apt-get install chromium fonts-noto-cjk" >&2
exit 0
