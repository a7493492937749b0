/** Notices of messages that the visitor does not see: which message the preview shows, whether it was dismissed, and the sound. */
import type { Chat, Entry } from "@palique/client";
import type { NoticeStorage } from "./noticeStorage";
import { unreadOf } from "./rows";

export class NoticeStore {
	constructor(
		private readonly storage: NoticeStorage,
		private readonly tone: { play(): void },
		private readonly changed: () => void,
	) {}

	/** The newest unread message, unless the visitor dismissed it. */
	newest(chat: Chat): Entry | null {
		const entry = unreadOf(chat).at(-1);
		return entry && this.storage.get("dismissed") !== nameOf(entry) ? entry : null;
	}

	dismiss(entry: Entry): void {
		this.storage.set("dismissed", nameOf(entry));
		this.changed();
	}

	/** Off until the visitor switches it on. */
	get sound(): boolean {
		return this.storage.get("sound") === "on";
	}

	toggleSound(): void {
		this.storage.set("sound", this.sound ? "" : "on");
		this.ringNow();
		this.changed();
	}

	/** Rings once for each message, in one of the visitor's tabs. */
	ring(entry: Entry): void {
		if (this.storage.get("rung") === nameOf(entry)) return;
		this.storage.set("rung", nameOf(entry));
		this.ringNow();
	}

	private ringNow(): void {
		if (this.sound) this.tone.play();
	}
}

function nameOf({ conversation, seq }: Entry): string {
	return `${conversation}/${seq}`;
}
