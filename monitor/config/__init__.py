"""The operator's file, or the environment, turned into probes; every error in one report.

`load.load_file` reads `monitor.yaml`, `environment.from_environment` does without a file. The
line: `yaml_lines` → `secrets` → `schema` → `resolve` → `settings.Settings`.
"""
