#!/bin/sh
# Renders each overlay into build/k8s and checks it, and each task, against Kubernetes' schemas and checkov's rules. tests/k8s reads the result.
# usage: deploy/k8s/check.sh, from the project's folder
set -eu
version=1.32.0
tools=build/k8s-tools
here=deploy/k8s

render() {
    if command -v kustomize >/dev/null 2>&1; then kustomize build "$1"
    elif command -v kubectl >/dev/null 2>&1; then kubectl kustomize "$1"
    else
        echo "k8s: neither kustomize nor kubectl is here; see https://kubectl.docs.kubernetes.io/installation/kustomize/" >&2
        exit 1
    fi
}

# Resources of operators have no schema there: they cause a warning only, and tests/k8s checks them.
hold_against_rules() {
    "$tools/bin/kubernetes-validate" --strict --kubernetes-version "$version" --no-warn --quiet "$2"
    "$tools/bin/checkov" --config-file "$here/checkov.yaml" -f "$2"
    echo "k8s: $1: $(grep -c '^kind:' "$2") resources, valid for Kubernetes $version"
}

# The package contains the schemas, so only the installation needs the network.
tools/environment.sh "$here/tools.lock" "$tools"

mkdir -p build/k8s
for overlay in "$here"/overlays/*/; do
    name=$(basename "$overlay")
    rendered=build/k8s/$name.yaml
    render "$overlay" >"$rendered"
    hold_against_rules "$name" "$rendered"
done
# A task is checked together with the installation whose network policies apply to it.
for task in "$here"/tasks/*.yaml; do
    name=$(basename "$task" .yaml)
    { cat build/k8s/production.yaml; echo ---; cat "$task"; } >"build/k8s/$name.yaml"
    hold_against_rules "production with $name" "build/k8s/$name.yaml"
done
