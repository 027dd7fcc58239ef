"""A large base for `matching.py`: the real entries in a crowd of generated ones.

Half of the crowd are neighbours: a real entry asked for a particular place and trade ("浏阳 烟花厂
 专利年费怎么交"). No development question names these, so the real entry stays the right one.
The other half are matters of other public offices, from a grammar of things, matters and places.
Each generated entry has six phrasings. Their sentence vectors are put together from those of
their parts, because computing 600,000 would take hours; `likeness` measures how true that is.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from knowledge.embed import Embedder, Vectors, packed, unpacked
from knowledge.entry import Entry
from knowledge.load import Base

WAYS = 6
_SEED = 20261122
_PLACES = """芙蓉区 天心区 岳麓区 开福区 雨花区 望城区 浏阳 宁乡 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳
郴州 永州 怀化 娄底 湘西 醴陵 韶山 耒阳 汨罗 临湘 津市 沅江 资兴 洪江""".split()
_TRADES = """烟花厂 陶瓷厂 茶油厂 槟榔厂 水泥厂 轴承厂 锂电池厂 药材公司 制药厂 服装厂 鞋厂 家具厂 玩具厂
食品厂 酒厂 茶厂 米粉店 农机厂 工程机械厂 轨道装备厂 汽配厂 模具厂 光伏公司 风电公司 芯片公司 传感器公司
软件公司 游戏公司 动漫公司 广告公司 出版社 物流公司 冷链公司 养猪场 渔场 苗圃 花卉基地 种业公司 饲料厂
化肥厂 油漆厂 塑料厂 包装厂 造纸厂 印刷厂 玻璃厂 钢结构厂 铝材厂 铜业公司 矿山 环保公司 污水厂 检测站
医疗器械厂 眼镜店 口腔诊所 幼儿园 培训学校 健身房 宾馆 快递站""".split()
_THINGS = """社保卡 医保卡 身份证 居住证 户口本 护照 驾驶证 行驶证 结婚证 离婚证 出生证 毕业证 健康证 营业执照
公章 开户许可证 卫生许可证 食品经营许可证 烟草证 排污许可证 施工许可证 不动产证 房产证 土地证 宅基地证 林权证
残疾证 退休证 老年证 失业证 教师资格证 会计证 电工证 焊工证 特种设备证 危化品证 道路运输证 网约车证 出租车证
养老金 公积金 低保金 生育津贴 工伤赔付 失业金 高温补贴 助学贷款 创业贷款 购房补贴 增值税发票 个税申报 企业年报
税务登记 注销登记 招标备案 工程验收 消防验收 环评批复 水表过户 电表过户 燃气开户 车辆年检 车牌过户""".split()
_MATTERS = {
    "补办": "丢了怎么补办 弄丢了去哪里补 遗失补领要什么手续 不见了还能补吗 补一个要几天 重新补办流程",
    "办理": "怎么办 第一次办要去哪个窗口 新办需要什么条件 哪里可以办 网上能申请吗 申领流程是什么",
    "变更": "信息错了怎么改 变更名称怎么弄 改地址要带什么 更改登记在哪办 资料变了要不要报 修改要多久",
    "费用": "办一次多少钱 收费标准是什么 要交哪些费 能不能免费 手续费怎么收 缴费去哪里交",
    "期限": "有效期多久 到期了怎么换 几年要换一次 过期还能用吗 多久能办下来 快到期提前几天换",
    "材料": "要带什么材料 需要哪些证件 材料清单有吗 复印件要几份 要不要照片 资料不齐怎么办",
    "注销": "不用了怎么注销 注销去哪里 怎么取消 注销要交钱吗 销户手续 停用要报告吗",
    "查询": "怎么查真假 进度在哪里查 网上查询入口 编号怎么查 查不到怎么回事 状态显示审核中",
    "代办": "能不能找人代办 委托别人要写什么 代领要带谁的身份证 可以邮寄吗 别人能帮忙领吗 授权书模板",
    "被拒": "被退回来了怎么办 审核没通过什么原因 不给办找谁投诉 驳回了能再报吗 条件不够怎么补 复核去哪里",
}


def crowded(base: Base, size: int) -> Base:
    """The real entries, and generated ones up to a size (or fewer real ones where it is small)."""
    real = [*base.entries.values()]
    made = itertools.islice(_made(real), max(size - len(real), 0))
    return replace(base, entries={entry.id: entry for entry in [*real, *made]})


def _made(real: Sequence[Entry]) -> Iterator[Entry]:
    chance = random.Random(_SEED)
    cases = [f"{place}{trade}" for place in _PLACES[::3] for trade in _TRADES]
    near = [(entry, case) for entry in real for case in cases]
    far = list(itertools.product(_THINGS, _MATTERS, _PLACES))
    far += [(f"{trade} {thing}", matter, place) for thing, matter, place in far
            for trade in _TRADES[:3]]  # fmt: skip
    chance.shuffle(near)
    chance.shuffle(far)
    for number, ((entry, case), other) in enumerate(zip(near, itertools.cycle(far), strict=False)):
        yield _neighbour(entry, case, number, chance)
        yield _stranger(real[number % len(real)], other, number, chance)


def _neighbour(entry: Entry, case: str, number: int, chance: random.Random) -> Entry:
    own = chance.sample(entry.phrasings, min(WAYS, len(entry.phrasings)))
    ways = [f"{case} {way}" if chance.random() < 0.7 else f"{way} {case}" for way in own]
    short = f"{case} {entry.texts[-1].short}"
    return _entry(entry, f"near-{number}", ways, short)


def _stranger(
    like: Entry, other: tuple[str, str, str], number: int, chance: random.Random
) -> Entry:
    thing, matter, place = other
    ways = [f"{place} {thing} {way}" if chance.random() < 0.5 else f"{thing} {way} {place}"
            for way in _MATTERS[matter].split()]  # fmt: skip
    cycle = number // (len(_THINGS) * len(_MATTERS) * len(_PLACES) * 4)
    ways = [f"{way} {cycle}号窗口" for way in ways] if cycle else ways
    return _entry(like, f"far-{number}", ways, f"{place} {thing} {matter}在政务中心办")


def _entry(like: Entry, name: str, ways: list[str], short: str) -> Entry:
    text = replace(like.texts[-1], short=short, sections=())
    return replace(like, id=name, question=ways[0], asks=tuple(ways[1:]), texts=(text,), related=())


class Parts:
    """An embedder that puts the vector of a generated text together from those of its parts."""

    def __init__(self, inner: Embedder, real: Sequence[str]) -> None:
        self._inner, self.name = inner, inner.name
        self._known: dict[str, int] = {text: number for number, text in enumerate(real)}
        self._rows = packed(inner.passages(real))

    def query(self, text: str) -> Vectors:
        """As it is: questions are real."""
        return self._inner.query(text)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Real texts as they are; of others the mean of the parts, each by its length."""
        parts = [[text] if text in self._known else self._parts(text) for text in texts]
        fresh = list(dict.fromkeys(p for own in parts for p in own if p not in self._known))
        if fresh:
            self._known.update(zip(fresh, itertools.count(len(self._rows)), strict=False))
            self._rows = np.concatenate([self._rows, packed(self._inner.passages(fresh))])
        sizes = [len(own) for own in parts]
        flat = [part for own in parts for part in own]
        weights = np.array([len(part) for part in flat], dtype=np.float32)[:, None]
        rows = unpacked(self._rows[[self._known[part] for part in flat]]) * weights
        sums = np.add.reduceat(rows, np.cumsum([0, *sizes[:-1]]))
        return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), dtype=np.float32)

    def _parts(self, text: str) -> list[str]:
        """A real phrasing with what stands before or after it; else the words between spaces."""
        head, _, rest = text.partition(" ")
        start, _, tail = text.rpartition(" ")
        if rest in self._known:
            return [head, rest]
        return [start, tail] if start in self._known else text.split()


def likeness(parts: Parts, model: Embedder, texts: Sequence[str]) -> dict[str, Any]:
    """How like put-together vectors are to computed ones: the cosine of each pair, and that of
    pairs of different texts, both about the mean."""
    made, true = parts.passages(texts), model.passages(texts)
    made, true = made - true.mean(axis=0), true - true.mean(axis=0)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    true /= np.linalg.norm(true, axis=1, keepdims=True)
    pairs = made @ true.T
    return {"texts": len(texts), "same_text": round(float(np.diag(pairs).mean()), 3),
            "other_text": round(float(pairs[~np.eye(len(pairs), dtype=bool)].mean()), 3)}  # fmt: skip
