"""Makes a small complete project from a verdict: plain files, chosen whole, with a few places filled.

project.py makes the files, readme.py one of them, archive.py a zip of all, command.py the command line.
"""
