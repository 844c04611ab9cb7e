#!/usr/bin/env python3
"""Competes for the rings of a market, with nothing but its link:
    compete.py 'sxp:market?id=sxp1…&node=sxp1…&at=https%3A%2F%2Fnode.example' [SOLVER …]
It fetches the market's problem, lets a solver answer it (greedy.py beside this
file, or the program and arguments given), and hands the answer in
(spec/solvers.md)."""
import os
import subprocess
import sys
import urllib.parse
import urllib.request

link = urllib.parse.parse_qs(sys.argv[1].split("?", 1)[1])
market = link["at"][0] + "/sxp/v1/market/" + link["id"][0]
beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "greedy.py")
solver = sys.argv[2:] or [sys.executable, beside]

problem = urllib.request.urlopen(market + "/problem", timeout=30).read()
answer = subprocess.run(solver, input=problem, stdout=subprocess.PIPE, check=True).stdout
request = urllib.request.Request(market + "/answer", data=answer, headers={"Content-Type": "application/json"})
print(urllib.request.urlopen(request, timeout=30).read().decode())
