// @vitest-environment happy-dom
import { expect, test, vi } from "vitest";
import { connectLoader } from "../src/app/loaderBridge";

const HOST = "https://shop.example";

function bridge() {
	const parent = { postMessage: vi.fn() };
	let receive: (event: object) => void = () => {};
	const view = {
		parent,
		location: { search: `?site=shop&origin=${encodeURIComponent(HOST)}`, origin: "https://chat.example" },
		addEventListener: (_: string, listener: typeof receive) => {
			receive = listener;
		},
	};
	const listener = { onFrame: vi.fn(), onHostState: vi.fn() };
	const loader = connectLoader(view as unknown as Window, listener);
	return { parent, listener, loader, receive: (event: object) => receive(event) };
}

test("messages of other windows and other origins are ignored", () => {
	const { parent, listener, receive } = bridge();
	for (const [source, origin] of [
		[{}, HOST],
		[null, HOST],
		[parent, "https://shop.example.evil.example"],
		[parent, "https://chat.example"],
		[parent, "null"],
		[parent, ""],
	])
		for (const data of ["{}", { open: true }]) receive({ source, origin, data });
	expect(listener.onFrame).not.toHaveBeenCalled();
	expect(listener.onHostState).not.toHaveBeenCalled();
	receive({ source: parent, origin: HOST, data: "{}" });
	expect(listener.onFrame).toHaveBeenCalledWith("{}");
});

test("messages are posted to the host page's origin only", () => {
	const { parent, loader } = bridge();
	loader.command({ do: "ready" });
	expect(parent.postMessage.mock.calls).toEqual([[{ do: "ready" }, HOST]]);
});
