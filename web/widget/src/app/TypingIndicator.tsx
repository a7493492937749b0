import { typingIn } from "@palique/client";
import type { ChatStore } from "./ChatStore";
import type { T } from "./language";
import { threadsOf } from "./rows";

/** Shows that an agent is typing. */
export function TypingIndicator({ store, t }: { store: ChatStore; t: T }) {
	const thread = threadsOf(store.chat).at(-1);
	const other = thread && typingIn(thread).find((who) => who.kind !== "visitor");
	if (!other) return null;
	return (
		<p class="typing">
			{t("typing", { name: other.name ?? "" })}
			<span class="dots" aria-hidden="true">
				<i />
				<i />
				<i />
			</span>
		</p>
	);
}
