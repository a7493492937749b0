/** What the page hears through `Palique.on`. Errors of the page stay its own. */
import type { Events } from "@palique/loader";

/** Listeners of one widget; further ones are ignored. */
const MAX_LISTENERS = 100;

export type Listeners = ReturnType<typeof makeListeners>;

export function makeListeners(open: boolean) {
	const listeners: { event: unknown; hear: (value: never) => void }[] = [];
	/** The present value of the events that have one. */
	const present = new Map<unknown, unknown>([
		["open", open],
		["unread", 0],
	]);

	function emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
		for (const { event, hear } of listeners) if (event === name) queueMicrotask(() => hear(value as never));
	}

	return {
		add(event: unknown, hear: unknown): void {
			if (typeof hear !== "function" || listeners.length >= MAX_LISTENERS) return;
			listeners.push({ event, hear: hear as never });
			// The page may listen late.
			if (present.has(event)) {
				const now = present.get(event);
				queueMicrotask(() => hear(now));
			}
		},
		/** Emits a value that differs from the present one. */
		set<Name extends "open" | "unread">(name: Name, value: Events[Name]): void {
			if (value !== present.get(name)) emit(name, value);
			present.set(name, value);
		},
		/** A frame of the server. The page gets the author's kind, never the text. */
		frame(raw: string): void {
			if (!listeners.some(({ event }) => event === "message")) return;
			const { type, kind, author } = JSON.parse(raw);
			if (type === "ack") emit("message", { from: "visitor" });
			if (type === "entry" && kind === "message" && author && author.kind !== "visitor")
				emit("message", { from: author.kind });
		},
	};
}
