/**
 * State of the application and all changes of it. Input: frames, messages of the loader, user actions. Output: frames and
 * commands. Calls `changed` after each.
 * Invariant: an unacknowledged message is in browser storage before it is sent, until the log has it.
 */
import {
	type Chat,
	type ChatInput,
	chatDue,
	cursorsOf,
	decode,
	emptyChat,
	type Outgoing,
	ServerClock,
	type ServerFrame,
	stepChat,
	TYPING_EVERY,
	uptime,
} from "@palique/client";
import { cleanText } from "@palique/ui/writtenText";
import type { ConnectionStatus, HostState } from "../bridge";
import type { Loader } from "./loaderBridge";
import type { OutboxStorage } from "./outboxStorage";
import { threadsOf, unreadOf } from "./rows";

/** Default of the protocol, until the `welcome`. */
const TEXT_LIMIT = 4_000;

export interface SiteState {
	online: boolean;
	queuePosition: number | null;
}

export class ChatStore {
	chat: Chat = emptyChat("visitor");
	hostState: HostState | null = null;
	/** Unknown until the first `site` frame. */
	site: SiteState | null = null;
	textLimit = TEXT_LIMIT;
	/** What the browser reports about the network; it may be wrong. */
	network = true;
	/** Number of times that the visitor opened the panel; each moves the focus. */
	openRequests = 0;
	/** The text of the page for an empty message field, a new object each time. */
	prefill: { readonly text: string } | null = null;
	private cursors = "";
	private typedAt = Number.NEGATIVE_INFINITY;
	private readonly clock = new ServerClock();
	private timer = 0;

	constructor(
		private readonly loader: () => Loader,
		private readonly outbox: OutboxStorage,
		private readonly changed: () => void,
	) {}

	onHostState(state: HostState): void {
		const first = !this.hostState;
		const wasUp = this.hostState?.link === "up";
		const wasOff = this.off;
		this.hostState = state;
		if (state.open && state.focus) this.openRequests++;
		if (state.prefill) this.prefill = { text: cleanText(state.prefill) };
		if (first) this.restore([...this.outbox.all(), ...state.kept]);
		else if (wasUp && state.link !== "up") this.step({ type: "disconnected" });
		if (this.off && !wasOff) this.switchOff(state);
		this.changed();
	}

	onFrame(raw: string): void {
		const frame = decode(raw);
		if (!frame) return;
		if (frame.type === "welcome" || frame.type === "pong") this.clock.correct(frame.server_time);
		if (frame.type === "welcome") this.textLimit = frame.limits?.text ?? TEXT_LIMIT;
		if (frame.type === "site") this.site = { online: frame.online, queuePosition: frame.queue_position };
		this.step({ type: "frame", frame });
		this.openFor(frame);
	}

	/** The connection status to show. */
	get link(): ConnectionStatus {
		const link = this.hostState?.link ?? "up";
		return link === "up" && !this.network ? "down" : link;
	}

	/** Chat is off for the site: nothing can be written. */
	get off(): boolean {
		return this.hostState?.off === true;
	}

	setNetwork(there: boolean): void {
		this.network = there;
		this.changed();
	}

	/** The conversation for new messages: the newest, unless it is closed. */
	get current(): string | null {
		const newest = threadsOf(this.chat).at(-1);
		const closed = newest?.log.entries.some((entry) => entry.kind === "closed");
		return newest && !closed ? newest.log.conversation : null;
	}

	write(text: string): void {
		const at = this.clock.now();
		this.step({ type: "write", clientId: newClientId(), conversation: this.current, text, at });
	}

	retry(clientId: string): void {
		this.step({ type: "retry", clientId });
	}

	discard(clientId: string): void {
		this.step({ type: "discard", clientId });
	}

	typing(): void {
		const { current } = this;
		if (!current || !this.chat.connected || uptime() - this.typedAt < TYPING_EVERY) return;
		this.typedAt = uptime();
		this.loader().frame(JSON.stringify({ type: "typing", conversation: current }));
	}

	/** Marks everything as read. */
	seen(): void {
		for (const { log } of this.chat.threads.values())
			this.step({ type: "read", conversation: log.conversation, seq: log.last });
	}

	end(): void {
		if (this.current) this.loader().frame(JSON.stringify({ type: "end", conversation: this.current }));
	}

	/** Opens the panel as the visitor asked for it. */
	open(): void {
		this.loader().command({ do: "show", open: true, focus: true });
	}

	minimise(): void {
		this.loader().command({ do: "show", open: false, focus: true });
	}

	resume(): void {
		this.loader().command({ do: "resume" });
	}

	/** A visitor in the middle of a chat reads why it stopped. Without a chat, a shut panel goes with its button. */
	private switchOff({ open }: HostState): void {
		this.site = { online: false, queuePosition: null };
		if (!open) this.loader().command({ do: "show", open: this.current !== null, focus: false });
	}

	private restore(messages: readonly Outgoing[]): void {
		const oldest = [...messages].sort((a, b) => a.at - b.at);
		for (const { clientId, conversation, text, at } of oldest)
			this.step({ type: "write", clientId, conversation, text, at });
	}

	/** Opens the panel on an agent's message if there is room and the visitor has not closed it before. */
	private openFor(frame: ServerFrame): void {
		const { hostState } = this;
		const news = frame.type === "entry" || frame.type === "entries";
		if (
			!news ||
			!hostState ||
			hostState.open ||
			hostState.hidden ||
			hostState.wanted !== undefined ||
			!unreadOf(this.chat).length
		)
			return;
		// Same width as in panel.css: on smaller screens the panel covers the page.
		if (window.screen.width > 480) this.loader().command({ do: "show", open: true, focus: false });
	}

	private step(input: ChatInput): void {
		const before = this.chat;
		const { chat, frames } = stepChat(before, input, uptime());
		this.chat = chat;
		this.storeOutbox(before.outbox.items, chat.outbox.items);
		for (const frame of frames) this.loader().frame(JSON.stringify(frame));
		this.sendCursors();
		this.schedule();
		if (chat !== before || input.type === "frame") this.changed();
	}

	private storeOutbox(before: readonly Outgoing[], after: readonly Outgoing[]): void {
		const was = new Map(before.map((item) => [item.clientId, item]));
		for (const item of after) {
			const known = was.get(item.clientId);
			was.delete(item.clientId);
			if (known?.conversation === item.conversation) continue;
			if (!this.outbox.save(item.clientId, item))
				this.loader().command({ do: "keep", clientId: item.clientId, item });
		}
		for (const clientId of was.keys()) {
			this.outbox.save(clientId);
			// The loader may have it from a time when this frame could store nothing.
			this.loader().command({ do: "keep", clientId });
		}
	}

	private sendCursors(): void {
		const cursors = cursorsOf(this.chat);
		const json = JSON.stringify(cursors);
		if (json === this.cursors) return;
		this.cursors = json;
		this.loader().command({ do: "cursors", cursors });
	}

	private schedule(): void {
		clearTimeout(this.timer);
		const ms = chatDue(this.chat) - uptime();
		if (ms < Number.POSITIVE_INFINITY)
			this.timer = window.setTimeout(() => this.step({ type: "tick" }), Math.max(0, ms));
	}
}

/** Random UUID; `randomUUID` is missing on pages without TLS. */
function newClientId(): string {
	const digits = [...crypto.getRandomValues(new Uint8Array(16))]
		.map((byte) => byte.toString(16).padStart(2, "0"))
		.join("");
	return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-4$3-8$4-$5");
}
