/** Tickets that this tab opened from chats. A chat's window shows its ticket until the notice is dismissed. */
import { type Signal, signal } from "@preact/signals";
import type { TicketItem } from "../api/shapes";

declare module "../StoresContext" {
	interface Stores {
		chatTickets: ChatTicketsStore;
	}
}

export class ChatTicketsStore {
	readonly #shown: Signal<ReadonlyMap<string, TicketItem>> = signal(new Map());

	of(conversation: string): TicketItem | undefined {
		return this.#shown.value.get(conversation);
	}

	show(conversation: string, ticket: TicketItem): void {
		this.#shown.value = new Map(this.#shown.peek()).set(conversation, ticket);
	}

	dismiss(conversation: string): void {
		const left = new Map(this.#shown.peek());
		if (left.delete(conversation)) this.#shown.value = left;
	}

	/** Signed out. */
	clear(): void {
		this.#shown.value = new Map();
	}
}
