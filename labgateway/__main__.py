"""``python -m labgateway``."""

import sys

from labgateway.lab.cli import main

sys.exit(main())
