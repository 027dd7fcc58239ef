"""The calculators (期限计算器, 费用计算器): pure functions over ``knowledge/tables``."""
