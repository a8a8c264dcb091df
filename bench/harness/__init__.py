# SPDX-License-Identifier: Apache-2.0
"""The parts of bench/compare.py: one idea a file, Python standard library only."""
