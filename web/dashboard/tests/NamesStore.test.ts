import type { ClientFrame, ServerFrame } from "@palique/client";
import { expect, it } from "vitest";
import { NamesStore } from "../src/live/NamesStore";

function store() {
	const sent: ClientFrame[] = [];
	return { sent, names: new NamesStore((frame) => void sent.push(frame)) };
}

const hear = (names: NamesStore, frame: object) => names.receive(frame as ServerFrame);

it("the newest name wins, whichever frame has it", () => {
	const { names } = store();
	hear(names, { type: "visitors", rows: [{ visitor: "v", name: "Visitor 7F3E" }] });
	expect(names.of("v")).toBe("Visitor 7F3E");
	hear(names, { type: "visitor_names", visitors: [{ id: "v", name: "Berta" }] });
	expect(names.of("v")).toBe("Berta");
	hear(names, { type: "visitors_changed", upsert: [{ visitor: "v", name: "Berta Boss" }] });
	expect(names.of("v")).toBe("Berta Boss");
	names.learn([{ id: "v", name: "B." }]);
	expect(names.of("v")).toBe("B.");
	expect(names.of("w")).toBeUndefined();
});

it("each name is asked for once a connection, a hundred at a time", () => {
	const { names, sent } = store();
	const many = Array.from({ length: 130 }, (_, n) => `v${n}`);
	names.want(many);
	names.want(many);
	expect(sent.map((frame) => (frame.type === "name_visitors" ? frame.visitors.length : 0))).toEqual([
		100, 30,
	]);
	hear(names, { type: "welcome" });
	names.want(["v1"]);
	expect(sent).toHaveLength(3);
});

it("known names are not asked for", () => {
	const { names, sent } = store();
	hear(names, { type: "visitors", rows: [{ visitor: "v", name: "Berta" }] });
	names.want(["v"]);
	expect(sent).toEqual([]);
});
