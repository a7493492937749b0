// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { loadPalique, palique } from "../src";

const attributes = (tag: Element) =>
	Object.fromEntries(tag.getAttributeNames().map((name) => [name, tag.getAttribute(name)]));
const page = window as { Palique?: unknown };

beforeEach(() => {
	document.head.replaceChildren();
	delete page.Palique;
});

test("one tag is added, with the attributes that were given", () => {
	// The script itself is no part of this test.
	const { happyDOM } = window as unknown as { happyDOM: { settings: Record<string, unknown> } };
	Object.assign(happyDOM.settings, { handleDisabledFileLoadingAsSuccess: true });
	const options = {
		gateway: "https://chat.example/a",
		site: "shop",
		position: "left",
		hidden: true,
		query: ["page", "sort"],
	} as const;
	loadPalique(options);
	loadPalique(options);
	const given = {
		"data-site": "shop",
		"data-position": "left",
		"data-hidden": "",
		"data-query": "page sort",
		async: "",
		src: "https://chat.example/a/widget.js",
	};
	const tags = [...document.head.querySelectorAll("script")];
	expect(tags.map(attributes)).toEqual([given]);
});

test("calls wait in a list, and go to the widget once it has arrived", () => {
	const listener = () => {};
	palique.open();
	palique.on("unread", listener);
	expect(page.Palique).toEqual([["open"], ["on", "unread", listener]]);
	const push = vi.fn();
	page.Palique = { push };
	palique.profile({ name: "Vera" });
	palique.push(["close"]);
	expect(push.mock.calls).toEqual([[["profile", { name: "Vera" }]], [["close"]]]);
});
