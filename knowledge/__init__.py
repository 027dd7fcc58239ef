"""The curated base: read, checked, and matched with what people ask."""

import os

# Our matrices are small: more threads would only wait for one another.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
