#!/usr/bin/env bash
# Make the virtual environment. Debian ships Python without the venv module's pip; where we may,
# we install it, else we say what to type.
set -euo pipefail
target=$1
python=$(command -v python3.11 || command -v python3) || {
    echo "找不到 Python 3.11，请先安装：apt-get install python3" >&2
    exit 1
}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "需要 Python 3.11 或更新，现在是 $("$python" --version)。" >&2
    exit 1
}
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "正在安装 python3-venv ……"
        apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    else
        echo "缺少 python3-venv，请运行：sudo apt-get install python3-venv，然后再试一次。" >&2
        exit 1
    fi
fi
echo "正在创建运行环境（第一次需要几分钟）……"
"$python" -m venv "$target"
