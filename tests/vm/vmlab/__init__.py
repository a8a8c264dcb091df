# SPDX-License-Identifier: Apache-2.0
"""Boots kernels under emulation and runs static programs in them; see tests/vm/README.md."""
