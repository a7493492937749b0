import { expect, test } from "vitest";
import { decode } from "../src/frames";

test("data that is no frame decodes to null", () => {
	for (const raw of ["", "{", "null", "[]", "1", '{"typ":"x"}', '{"type":3}']) expect(decode(raw)).toBeNull();
});

test("a frame keeps its fields, unknown ones too", () => {
	expect(decode('{"type":"site","online":true,"queue_position":null,"x":1}')).toMatchObject({
		type: "site",
		online: true,
	});
});
