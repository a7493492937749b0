/** Current names of visitors, by id, for every place that shows one: a conversation and its entries have the names of their time. */
import type { ClientFrame, ServerFrame } from "@palique/client";
import { type Signal, signal } from "@preact/signals";

// The bound of the frame.
const MAX_ASKED = 100;

declare module "../StoresContext" {
	interface Stores {
		names: NamesStore;
	}
}

export class NamesStore {
	readonly #send: (frame: ClientFrame) => void;
	readonly #names: Signal<ReadonlyMap<string, string>> = signal(new Map());
	/** Asked on this connection, or learnt from it. */
	readonly #asked = new Set<string>();

	constructor(send: (frame: ClientFrame) => void) {
		this.#send = send;
	}

	of(visitor: string): string | undefined {
		return this.#names.value.get(visitor);
	}

	receive(frame: ServerFrame): void {
		// Names may have changed without a connection.
		if (frame.type === "welcome") this.#asked.clear();
		if (frame.type === "visitor_names") this.learn(frame.visitors);
		if (frame.type === "visitors") this.learn(frame.rows.map(named));
		if (frame.type === "visitors_changed") this.learn(frame.upsert.map(named));
	}

	/** Current names from any answer of the server. */
	learn(visitors: readonly { id: string; name: string }[]): void {
		const names = this.#names.peek();
		const news = visitors.filter(({ id, name }) => names.get(id) !== name);
		for (const { id } of visitors) this.#asked.add(id);
		if (news.length > 0)
			this.#names.value = new Map([...names, ...news.map(({ id, name }) => [id, name] as const)]);
	}

	/** Asks for the names of these visitors, each once a connection. */
	want(visitors: Iterable<string>): void {
		const wanted = [...new Set(visitors)].filter((id) => !this.#asked.has(id));
		for (const id of wanted) this.#asked.add(id);
		for (let at = 0; at < wanted.length; at += MAX_ASKED)
			this.#send({ type: "name_visitors", visitors: wanted.slice(at, at + MAX_ASKED) });
	}

	clear(): void {
		this.#names.value = new Map();
		this.#asked.clear();
	}
}

function named({ visitor, name }: { visitor: string; name: string }) {
	return { id: visitor, name };
}
