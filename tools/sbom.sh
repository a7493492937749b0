#!/bin/sh
# Writes the bill of materials of each image and of the web parts as CycloneDX JSON, and validates it by CycloneDX's schema.
# usage: tools/sbom.sh FOLDER, from the project's folder
set -eu
out=$1
tools=build/sbom-tools

tools/environment.sh tools/sbom.lock "$tools"

# An environment with the packages of the image only: that of the checkout has the development tools too.
for service in gateway presence chat tickets; do
    environment=build/sbom/$service
    rm -rf "$environment"
    python3 -m venv --without-pip "$environment"
    "$tools/bin/python" -m pip --python "$environment/bin/python" install --quiet --disable-pip-version-check --no-deps \
        --require-hashes --no-compile -r "deploy/docker/$service.lock"
    "$tools/bin/cyclonedx-py" environment --pyproject pyproject.toml --mc-type application --output-reproducible --validate \
        --spec-version 1.6 --output-format JSON --output-file "$out/palique-$service.cdx.json" "$environment/bin/python"
done

(cd web && npm sbom --sbom-format cyclonedx --sbom-type application --omit dev --package-lock-only) >"$out/palique-web.cdx.json"
"$tools/bin/python" - "$out/palique-web.cdx.json" <<'END'
import sys
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

fault = JsonStrictValidator(SchemaVersion.V1_5).validate_str(Path(sys.argv[1]).read_text())
sys.exit(f"sbom: {sys.argv[1]} does not fit CycloneDX's schema: {fault}" if fault else 0)
END
echo "sbom: five files in $out, valid by CycloneDX's schema"
