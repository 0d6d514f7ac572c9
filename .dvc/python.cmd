@echo off
if not defined KAM_PYTHON if exist .venv\Scripts\python.exe set KAM_PYTHON=.venv\Scripts\python.exe
if not defined KAM_PYTHON set KAM_PYTHON=python
"%KAM_PYTHON%" %*
