"""The words of a report in both languages, without Qt: a report is also made where there is none.

States, KPIs, carriers and evidence are called here what the screens call them (see ui.words).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from data.line import Line, Names
from ui.reports import economy_words
from ui.reports.phrases import TEXTS, Pair

Language = Literal["en", "zh"]

STATES: Mapping[str, Pair] = {
    "off": ("off", "关机"),
    "standby": ("standby", "待机"),
    "warming_up": ("warming up", "预热"),
    "idle": ("idle", "空闲"),
    "starved": ("starved", "待料"),
    "blocked": ("blocked", "堵塞"),
    "processing": ("processing", "加工中"),
    "setup": ("setup", "换型"),
    "failed": ("failed", "故障"),
    "stopped": ("stopped", "停止"),
    "held": ("held", "暂挂"),
    "unknown": ("unknown", "未知"),
    "none": ("not on a station", "不在工位上"),
}
KPIS: Mapping[str, Pair] = {
    "vehicles_completed": ("Vehicles completed", "下线车辆"),
    "vehicles_good": ("Good vehicles", "合格车辆"),
    "plan_attainment": ("Plan attainment", "计划达成率"),
    "wip": ("Vehicles in the line", "在制车辆"),
    "lead_time": ("Lead time", "在线时间"),
    "jph": ("Vehicles per hour", "小时产量"),
    "throughput": ("Throughput", "产出率"),
    "takt_attainment": ("Takt attainment", "节拍达成率"),
    "line_balance": ("Line balance", "线平衡率"),
    "availability": ("Availability", "可用率"),
    "effectiveness": ("Effectiveness", "性能率"),
    "utilisation": ("Utilisation", "利用率"),
    "allocation": ("Allocation", "占用率"),
    "technical_efficiency": ("Technical efficiency", "技术效率"),
    "oee": ("OEE", "设备综合效率"),
    "nee": ("NEE", "设备净效率"),
    "quality_ratio": ("Good share", "合格率"),
    "first_time_through": ("First time through", "一次通过率"),
    "energy_total": ("Energy", "总能耗"),
    "energy_per_vehicle": ("Energy per vehicle", "单车能耗"),
    "idle_energy_share": ("Idle energy", "空闲能耗占比"),
    "value_adding_share": ("Processing energy", "加工能耗占比"),
    "base_load": ("Base load", "基础负荷"),
    "peak_demand": ("Peak, 15 min", "15 分钟峰值"),
    "load_factor": ("Load factor", "负荷率"),
    "renewable_share": ("Renewable power", "可再生电力占比"),
    "self_consumption": ("PV self-consumption", "光伏自用率"),
    "kgce_per_vehicle": ("Standard coal per vehicle", "单车标准煤"),
    "cost_per_vehicle": ("Energy cost per vehicle", "单车能源费用"),
    "water_per_vehicle": ("Water per vehicle", "单车耗水"),
    "carbon_total": ("Carbon", "总碳排放"),
    "carbon_per_vehicle": ("Carbon per vehicle", "单车碳排放"),
    "voc_per_vehicle": ("VOC per vehicle", "单车挥发性有机物"),
}
THEMES: Mapping[str, Pair] = {
    "production": ("Production", "生产"),
    "quality": ("Quality", "质量"),
    "energy": ("Energy", "能源"),
    "carbon": ("Carbon", "碳排放"),
}
EVIDENCE: Mapping[str, Pair] = {
    "measured": ("measured", "实测"),
    "estimated": ("estimated", "估算"),
    "modelled": ("modelled", "模型"),
}
FACTOR_EVIDENCE: Mapping[str, Pair] = {
    "supplied": ("supplied", "自行提供"),
    "seen": ("seen in a copy", "见于副本"),
    "recalled": ("recalled", "凭记忆"),
    "computed": ("computed", "计算"),
    "estimated": ("estimated", "估算"),
}
CARRIERS: Mapping[str, Pair] = {
    "electricity": ("electricity", "电"),
    "natural_gas": ("natural gas", "天然气"),
    "lpg": ("LPG", "液化石油气"),
    "diesel": ("diesel", "柴油"),
    "heat": ("heat", "热力"),
    "steam": ("steam", "蒸汽"),
    "compressed_air": ("compressed air", "压缩空气"),
    "chilled_water": ("chilled water", "冷冻水"),
    "hot_water": ("hot water", "热水"),
    "water": ("water", "水"),
    "voc": ("VOC", "挥发性有机物"),
}
FACTOR_CARRIERS: Mapping[str, Pair] = {**CARRIERS, "pv": ("own PV", "自有光伏")}
END_USES: Mapping[str, Pair] = {
    "painting": ("painting", "涂装"),
    "hvac": ("ventilation and cooling", "通风与空调"),
    "heating": ("heating", "供热"),
    "material_handling": ("material handling", "物料搬运"),
    "welding": ("welding", "焊接"),
    "compressed_air": ("compressed air", "压缩空气"),
    "lighting": ("lighting", "照明"),
    "process": ("process", "工艺"),
    "other": ("other", "其他"),
}
UNITS: Mapping[str, Pair] = {
    "vehicles": ("vehicles", "辆"),
    "1/h": ("per h", "辆/小时"),
    "min": ("min", "分钟"),
    "m3": ("m³", "m³"),
    "kg CO2e": ("kg CO₂e", "kg CO₂e"),
    "t CO2e": ("t CO₂e", "t CO₂e"),
}
SHIFTS: Mapping[str, Pair] = {
    "early": ("early shift", "早班"),
    "late": ("late shift", "中班"),
    "night": ("night shift", "夜班"),
    "day": ("day shift", "白班"),
}
BOOKS: Mapping[str, Pair] = {
    "location": ("Location-based", "基于位置"),
    "market": ("Market-based", "基于市场"),
    "product": ("Product (life cycle)", "产品（生命周期）"),
}
METHODS: Mapping[str, Pair] = {
    "critical_path": ("critical path", "关键路径"),
    "active_period": ("longest active period", "活动时间最长"),
    "turning_point": ("turning point from blocked to starved", "堵塞转为待料的转折点"),
}
CAUSES: Mapping[str, Pair] = {
    "failed": ("failure", "故障"),
    "setup": ("setup", "换型"),
    "held": ("held", "内部暂停"),
    "warming_up": ("warming up", "预热"),
    "handling": ("loading and unloading", "上下件"),
    "break": ("break", "休息"),
    "off_shift": ("off shift", "非班次时间"),
    "cycle": ("its cycle", "节拍"),
    "no_release": ("nothing released", "无投产"),
    "no_demand": ("nothing asked of it", "无需求"),
    "unknown": ("not known", "未知"),
}
FINDINGS: Mapping[str, Pair] = {
    "signature": ("changed signature", "能耗特征变化"),
    "standby": ("standby power", "待机功率变化"),
    "idle": ("idle power", "空闲功率变化"),
    "base_load": ("growing base load", "基础负荷增长"),
    "drift": ("drift", "能耗漂移"),
}
DOUBTS: Mapping[str, Pair] = {
    "short_baseline": ("little was seen of the time before", "变化前的观测时间很短"),
    "shared_meter": (
        "stations share this meter: which one is not told",
        "多工位共用此表，无法区分",
    ),
    "other_causes": ("other causes moved along", "与其他因素同步变化，难以区分"),
}
NOT_ESTIMATED: Mapping[str, Pair] = {
    "several_workshops": ("covers several workshops", "覆盖多个车间"),
    "too_coarse": ("tells its power too coarsely", "功率分辨率过低"),
    "too_short": ("too little was seen", "观测时间过短"),
    "nothing_left": ("nothing is left to be taken apart", "没有可拆分的余量"),
}
VERDICTS: Mapping[str, Pair] = {
    "met": ("✓ on target", "✓ 达标"),
    "above": ("▲ above target", "▲ 高于目标"),
    "below": ("▼ below target", "▼ 低于目标"),
    "": ("", ""),
}
LESS_IS_BETTER = frozenset(
    (
        "energy_per_vehicle",
        "carbon_per_vehicle",
        "idle_energy_share",
        "base_load",
        "peak_demand",
        "energy_total",
        "carbon_total",
        "lead_time",
        "kgce_per_vehicle",
        "cost_per_vehicle",
        "water_per_vehicle",
        "voc_per_vehicle",
    )
)
MORE_IS_BETTER = frozenset(
    (
        "vehicles_completed",
        "vehicles_good",
        "plan_attainment",
        "jph",
        "throughput",
        "takt_attainment",
        "line_balance",
        "availability",
        "effectiveness",
        "utilisation",
        "allocation",
        "technical_efficiency",
        "oee",
        "nee",
        "quality_ratio",
        "first_time_through",
        "value_adding_share",
        "load_factor",
        "renewable_share",
        "self_consumption",
    )
)


class Words:
    """One language's words; ids that have none are shown as they are, underscores as spaces."""

    def __init__(
        self, language: Language, line: Line, own: Mapping[str, Pair] | None = None
    ) -> None:
        """``own``: phrases of a document of its own, which go before those of the report."""
        self.language: Language = language
        self._phrases = {**economy_words.TEXTS, **TEXTS, **(own or {})}
        self._number = 0 if language == "en" else 1
        self._names: dict[tuple[str, str], Names] = {}
        for kind, things in (
            ("station", line.stations),
            ("workshop", line.workshops),
            ("variant", line.variants),
        ):
            self._names |= {(kind, thing.id): thing.names for thing in things}
        self._rests = {meter.parent for meter in line.meters}

    def __call__(self, key: str, **values: object) -> str:
        """A phrase with its values filled in."""
        phrase = self._phrases[key][self._number]
        return phrase.format(**values) if values else phrase

    def of(self, table: Mapping[str, Pair], id_: str) -> str:
        """The word for an id in one of the tables above."""
        return table[id_][self._number] if id_ in table else id_.replace("_", " ")

    def name(self, names: Names) -> str:
        """A thing's name."""
        return names.en if self.language == "en" else names.zh

    def variant(self, id_: str) -> str:
        """A variant's name."""
        return self._named("variant", id_, "{name}")

    def workshop(self, id_: str) -> str:
        """A workshop's name; "plant" for what belongs to none."""
        return self._named("workshop", id_, "{name}", self("plant_level"))

    def place(self, id_: str) -> str:
        """A station's id and name, the meter that a cell is the rest of, or "unexplained"."""
        if id_ == "unexplained":
            return self(id_)
        other = self("rest_of", meter=id_) if id_ in self._rests else id_
        return self._named("station", id_, "{id} {name}", other)

    def _named(self, kind: str, id_: str, pattern: str, other: str | None = None) -> str:
        names = self._names.get((kind, id_))
        if names is None:
            return self.of(STATES, id_) if other is None else other
        return pattern.format(id=id_, name=self.name(names))
