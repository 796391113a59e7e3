"""The KPIs by theme; ``twin.kpi`` is the entry that lists them all."""
