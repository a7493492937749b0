/**
 * Fails when a module imports from a higher layer or a neighbour, when modules import each other in a cycle, or when a module
 * has no layer. Type imports count too, and so does the use of a store: `useStores()` reaches it without an import. Part of
 * `npm run check`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";

// A folder's modules and subfolders, highest layer first. Names on one line are independent: none imports another.
const LAYERS = {
	"client/src": [
		"index",
		"chat connection",
		"connectionState threads",
		"state",
		"foldEntries log outbox",
		"frames",
		"attempt clock codes.gen frames.gen",
	],
	"loader/src": ["index"],
	"widget/src": ["app panel", "loader", "bridge texts"],
	"dashboard/src": [
		"main",
		"App connectStores",
		"shell",
		"firstrun",
		"dock settings tickets",
		"palette",
		"logs",
		"visitors notices",
		"chats",
		"filters session windows",
		"parts routing",
		"keyboard",
		"live texts",
		"api browserStorage clock",
		"StoresContext",
	],
	"dashboard/src/visitors": ["dialog", "profile", "list"],
};
const IMPORT = /(?:from|import|import\()\s*"(\.[^"]+)"/g;
const STORE_DECLARATION = /interface Stores \{[^}]*?(\w+): \w+;\s*\}/;
const STORES_USED = /\{([^}]*)\} = useStores\(\)/g;

const root = new URL(".", import.meta.url).pathname;
const modules = new Set(["client", "ui", "loader", "widget", "dashboard"].flatMap(modulesOf));
const texts = new Map([...modules].map((module) => [module, readFileSync(join(root, module), "utf8")]));
const stores = new Map([...texts].map(([module, text]) => [STORE_DECLARATION.exec(text)?.[1], module]));
const imports = new Map([...modules].map((module) => [module, importsOf(module)]));
const problems = [...Object.entries(LAYERS).flatMap(layerProblems), ...cycles()];
for (const problem of problems) console.error(problem);
console.log(`layers: ${modules.size} modules, ${problems.length} problems`);
process.exitCode = problems.length ? 1 : 0;

function modulesOf(name) {
	const paths = readdirSync(join(root, name, "src"), { recursive: true });
	return paths.filter((path) => /\.tsx?$/.test(path)).map((path) => join(name, "src", path));
}

function importsOf(module) {
	const text = texts.get(module);
	const paths = [...text.matchAll(IMPORT)].map(([, path]) => normalize(join(dirname(module), path)));
	const names = [...text.matchAll(STORES_USED)].flatMap(([, used]) => used.match(/\w+/g));
	return [
		...paths.flatMap((path) => [path, `${path}.ts`, `${path}.tsx`].find((file) => modules.has(file)) ?? []),
		...names.flatMap((name) => stores.get(name) ?? []),
	];
}

function layerProblems([folder, layers]) {
	const names = layers.map((layer) => layer.split(" "));
	const nameOf = (module) =>
		relative(folder, module)
			.split("/")[0]
			.replace(/\.tsx?$/, "");
	const layerOf = (module) => names.findIndex((layer) => layer.includes(nameOf(module)));
	const inside = [...modules].filter((module) => module.startsWith(`${folder}/`));
	const wrong = (module, other) =>
		other.startsWith(`${folder}/`) && nameOf(other) !== nameOf(module) && layerOf(other) <= layerOf(module);
	return inside.flatMap((module) =>
		layerOf(module) < 0
			? `${module}: add it to a layer in layers.js`
			: imports
					.get(module)
					.filter((other) => wrong(module, other))
					.map((other) => `${module}: imports ${other}, which is not in a lower layer`),
	);
}

function cycles() {
	const done = new Set();
	const found = [];
	const visit = (module, path) => {
		if (path.includes(module))
			found.push(`cycle: ${[...path.slice(path.indexOf(module)), module].join(" -> ")}`);
		if (path.includes(module) || done.has(module)) return;
		for (const other of imports.get(module)) visit(other, [...path, module]);
		done.add(module);
	};
	for (const module of modules) visit(module, []);
	return found;
}
