#!/usr/bin/env python3
"""Reads the source tree and fails on what a review should not have to say.

usage: tidy.py [ROOT]
"""
import os
import sys

from floors import check_floors, check_foreign_headers
from listed import check_dead_files, check_excuses, check_header_tests
from page import check_page
from source import House
from text import check_blanks, check_lengths, check_words

RULES = [check_floors, check_foreign_headers, check_dead_files, check_header_tests, check_excuses, check_lengths, check_words,
         check_blanks, check_page]


def findings(house, rules):
    return [finding for rule in rules for finding in rule(house)]


def main(args):
    root = args[1] if len(args) > 1 else os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    house = House(root)
    found = findings(house, RULES)
    for finding in found:
        print(finding)
    if not house.cpp("libfsimage/"):
        print(f"{root}: no source tree here")
        return 2
    print(f"{len(house.files)} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
