import { expect, test } from "vitest";
import { beside, matching, type PaletteGroup, selected } from "../src/palette/paletteItems";

const item = (id: string, text: string, detail = "") => ({
	id,
	icon: "chat" as const,
	text,
	detail,
	act: () => {},
});
const GROUPS: readonly PaletteGroup[] = [
	{ title: "chats_title", items: [item("a", "Ana López", "退款"), item("b", "José Banana")] },
	{ title: "actions", items: [item("c", "Banner"), item("d", "Next chat")] },
];
const ids = (groups: readonly PaletteGroup[]) => groups.flatMap(({ items }) => items.map(({ id }) => id));

test("all words of the query must be there, whatever their order, case and accents", () => {
	expect(ids(matching(GROUPS, "LOPEZ ana"))).toEqual(["a"]);
	expect(ids(matching(GROUPS, " jose\u0301 "))).toEqual(["b"]);
	expect(ids(matching(GROUPS, "退款"))).toEqual(["a"]);
	expect(ids(matching(GROUPS, "ana next"))).toEqual([]);
});

test("a text that begins with the query comes first in its group; without a query the order stays", () => {
	const group = [
		{ title: "actions" as const, items: [item("1", "Ticket from chat"), item("2", "Chat logs")] },
	];
	expect(ids(matching(group, "chat"))).toEqual(["2", "1"]);
	expect(ids(matching(group, " "))).toEqual(["1", "2"]);
});

test("groups without a match are left out", () => {
	expect(matching(GROUPS, "banner").map(({ title }) => title)).toEqual(["actions"]);
});

test("the first entry is selected until another one is chosen, and again when that one is gone", () => {
	expect(selected(GROUPS, null)?.id).toBe("a");
	expect(selected(GROUPS, "c")?.id).toBe("c");
	expect(selected(matching(GROUPS, "next"), "c")?.id).toBe("d");
	expect(selected([], "c")).toBeUndefined();
});

test("the arrow keys go through all groups and begin again at the ends", () => {
	expect(["a", "b", "c", "d"].map((id) => beside(GROUPS, id, 1))).toEqual(["b", "c", "d", "a"]);
	expect(["a", "b", "c", "d"].map((id) => beside(GROUPS, id, -1))).toEqual(["d", "a", "b", "c"]);
	expect(beside(GROUPS, null, 1)).toBe("b");
	expect(beside([], null, 1)).toBeNull();
});

test("a long group is cut", () => {
	const items = Array.from({ length: 30 }, (_, index) => item(String(index), "x"));
	expect(ids(matching([{ title: "chats_title", items, limit: 6 }], ""))).toEqual([
		"0",
		"1",
		"2",
		"3",
		"4",
		"5",
	]);
	expect(ids(matching([{ title: "chats_title", items }], "x"))).toHaveLength(30);
});
