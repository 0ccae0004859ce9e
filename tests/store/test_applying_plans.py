"""What is done for each receipt reads its own index, among a hundred thousand others."""

from typing import Any

import pytest
from support.queue import campaign
from support.told import accepted
from test_plans import plan  # type: ignore[import-not-found]
