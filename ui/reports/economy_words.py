"""The words of cost, supply, standard coal, budget and media, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from ui.reports.phrases import Pair

BANDS: Mapping[str, Pair] = {
    "critical": ("critical", "尖峰"),
    "peak": ("peak", "高峰"),
    "flat": ("flat", "平段"),
    "valley": ("valley", "低谷"),
}
FLOWS: Mapping[str, Pair] = {
    "import": ("from the grid", "外购"),
    "generate": ("own PV", "自有光伏"),
    "discharge": ("storage, given out", "储能放电"),
    "export": ("to the grid", "上网"),
    "charge": ("storage, taken in", "储能充电"),
    "use": ("used", "使用"),
}
CONTRACTS: Mapping[str, Pair] = {
    "certificate": ("certificate", "绿证"),
    "contract": ("contract", "合同"),
    "supplier": ("supplier", "供电商"),
}
BOOK_KEYS: Mapping[str, Pair] = {
    "location": ("Location-based", "基于位置"),
    "market": ("Market-based", "基于市场"),
    "product": ("Product (life cycle)", "产品（生命周期）"),
    "tariff": ("Tariff", "电价"),
    "carbon_price": ("Carbon price", "碳价"),
}
NOTES: Mapping[str, Pair] = {
    "no_factor": (
        "{subject}: no book has a factor, so its carbon is not known; the energy is in the balance",
        "{subject}：没有因子，碳排放未知；能量仍在平衡之中",
    ),
    "early_factor": (
        "{subject}: no factor was in force yet, so the first, {book}, stands in as an estimate",
        "{subject}：当时尚无因子生效，以最早的 {book} 代替，属估算",
    ),
    "no_price": (
        "{subject}: the tariff {book} has no price, so the cost is not known; the energy is in the "
        "balance",
        "{subject}：电价 {book} 没有价格，费用未知；能量仍在平衡之中",
    ),
    "early_price": (
        "{subject}: no price of {book} was in force yet, so its first stands in as an estimate",
        "{subject}：{book} 当时尚无价格生效，以最早的价格代替，属估算",
    ),
    "early_carbon_price": (
        "no carbon price was in force yet, so the first, {book}, stands in as an estimate",
        "当时尚无碳价生效，以最早的 {book} 代替，属估算",
    ),
    "other_currency": (
        "the tariff {book} is in {subject}: costs are in that currency, not in the plant's",
        "电价 {book} 以 {subject} 计：费用以该货币表示，而非工厂货币",
    ),
    "no_coal": (
        "{subject}: no book has a coal equivalent, so standard coal is not known",
        "{subject}：没有折标煤系数，标准煤未知",
    ),
    "storage_opening": (
        "the storage gave out what nobody saw it take in: that carries what purchased electricity "
        "does, an estimate",
        "储能放出的部分电量在日志之前充入：其碳排放按外购电力估算",
    ),
}
BUDGET_BY: Mapping[str, Pair] = {
    "plan": (
        "the period's share of the vehicles planned for the year",
        "按本时段计划车辆占全年计划的比例",
    ),
    "time": ("the period's share of the year's hours", "按本时段占全年时间的比例"),
    "vehicles": ("planned vehicles × path per vehicle", "计划车辆 × 单车目标"),
}
TEXTS: Mapping[str, Pair] = {
    "sheet_economy": ("cost and supply", "费用与供应"),
    "cost_title": ("Cost", "费用"),
    "cost_of": ("Cost of energy, {currency}", "能源费用，{currency}"),
    "cost_by_band": ("Electricity by band", "电费（按时段）"),
    "band": ("Band", "时段"),
    "kwh": ("kWh", "kWh"),
    "cost_amount": ("Cost, {currency}", "费用，{currency}"),
    "exported": ("earned by exports", "上网收入"),
    "demand_note": (
        "Demand charge, in no total: the peak of this period, {peak} kW, would cost {amount} "
        "{currency} if it were the month's highest.",
        "需量电费（不计入合计）：若本时段峰值 {peak} kW 为当月最高，则为 {amount} {currency}。",
    ),
    "carbon_price_note": (
        "Shadow price of carbon, in no total: {kg} kg CO₂e at {price} {currency}/t ({id}) are "
        "{amount} {currency}.",
        "碳的影子价格（不计入合计）：{kg} kg CO₂e，{price} {currency}/t（{id}），"
        "合 {amount} {currency}。",
    ),
    "supply_title": ("Electricity supply", "电力供应"),
    "flow": ("Electricity", "电量"),
    "shares_note": (
        "Renewable share {renewable}; self-consumption of own PV {self_used}.",
        "可再生占比 {renewable}；自有光伏自用率 {self_used}。",
    ),
    "contracts_title": ("Contracts and certificates", "合同与绿证"),
    "contract_id": ("Contract", "合同"),
    "kind": ("Kind", "类别"),
    "renewable": ("Renewable", "可再生"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "storage_title": ("What the storage carries, kg CO₂e", "储能所载碳排放，kg CO₂e"),
    "opening_kg": ("before the log (estimate)", "日志之前（估算）"),
    "taken_kg": ("taken in", "充入"),
    "given_kg": ("given out", "放出"),
    "closing_kg": ("held at the end", "期末"),
    "coal_title": ("Standard coal (GB/T 2589)", "标准煤（GB/T 2589）"),
    "kgce": ("kgce", "kgce"),
    "kgce_note": (
        "{per_vehicle} kgce per good vehicle; electricity at {factor} kgce/kWh.",
        "每辆合格车 {per_vehicle} kgce；电力折标系数 {factor} kgce/kWh。",
    ),
    "budget_title": ("Carbon budget", "碳预算"),
    "budget_line": (
        "Target path of {year}: {allowed} kg CO₂e allowed ({by}), {used} kg used, {left} kg left.",
        "{year} 年目标路径：允许 {allowed} kg CO₂e（{by}），已用 {used} kg，剩余 {left} kg。",
    ),
    "budget_per_vehicle": (
        "Per vehicle: {allowed} kg by the path, {used} kg per good vehicle.",
        "单车：目标 {allowed} kg，每辆合格车 {used} kg。",
    ),
    "burn_down": ("Burn-down", "预算消耗"),
    "until": ("Until, plant time", "截至（工厂时间）"),
    "allowed_kg": ("Allowed so far, kg", "累计允许，kg"),
    "used_kg": ("Used so far, kg", "累计已用，kg"),
    "left_kg": ("Left, kg", "剩余，kg"),
    "converted_title": (
        "Media, with their share of the energy that made them",
        "介质及其所含能量份额",
    ),
    "converted_note": (
        "Moved, not added: this energy is booked at the compressors, chillers and boilers.",
        "仅为转移，不重复计入：这些能量已记在空压机、冷水机组与锅炉上。",
    ),
    "converter": ("Converter", "转换设备"),
    "user": ("User", "使用者"),
    "kg": ("kg CO₂e", "kg CO₂e"),
    "releases_title": ("Gases that escaped (scope 1)", "逸散气体（范围一）"),
    "date": ("Date", "日期"),
    "kg_gas": ("kg", "kg"),
    "against_title": ("Against the log's own books", "与日志自带因子库对比"),
    "changed": ("What", "项目"),
    "before": ("Own books", "自带"),
    "after": ("These books", "本次"),
    "difference": ("Difference", "差异"),
    "energy_cost": ("Energy cost", "能源费用"),
    "carbon_cost": ("Shadow price of carbon", "碳影子价格"),
    "notes_title": ("What the books leave open", "因子库未涵盖之处"),
}
