"""The pipeline that makes the bundled model from public data: `python -m training --data DATA --out FOLDER`."""
