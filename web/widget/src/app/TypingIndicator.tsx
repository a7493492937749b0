import type { ChatStore } from "./ChatStore";
import type { Say } from "./language";
import { threadsOf } from "./rows";

/** Shows that an agent is typing. */
export function TypingIndicator({ store, say }: { store: ChatStore; say: Say }) {
	const writers = [...(threadsOf(store.chat).at(-1)?.typing.values() ?? [])].map(({ who }) => who);
	const other = writers.find((who) => who.kind !== "visitor");
	if (!other) return null;
	return (
		<p class="typing">
			{say("typing", { name: other.name ?? "" })}
			<span class="dots" aria-hidden="true">
				<i />
				<i />
				<i />
			</span>
		</p>
	);
}
