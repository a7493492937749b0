import { foldEntries } from "@palique/client";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ChatStore } from "./ChatStore";
import { Composer } from "./Composer";
import { ConnectionNotice } from "./ConnectionNotice";
import { EndDialog } from "./EndDialog";
import { Header } from "./Header";
import type { Say } from "./language";
import { threadsOf } from "./rows";
import { Transcript } from "./Transcript";

interface Props {
	store: ChatStore;
	open: boolean;
	say: Say;
}

/** The content of the iframe. Escape closes the innermost open part. */
export function Panel({ store, open, say }: Props) {
	const [ending, setEnding] = useState(false);
	const writing = useRef<HTMLTextAreaElement>(null);
	const thread = threadsOf(store.chat).at(-1);
	const standing = thread && thread.log.last > 0 ? foldEntries(thread.log.entries) : (thread?.state ?? null);
	const running = standing !== null && standing.status !== "closed";

	// The visitor opened the panel: move the focus to the text area.
	useEffect(() => {
		if (store.asked) writing.current?.focus();
	}, [store.asked]);

	function leave(event: KeyboardEvent): void {
		if (event.key !== "Escape" || event.isComposing) return;
		if (ending) stay();
		else store.minimise();
	}

	function stay(): void {
		setEnding(false);
		writing.current?.focus();
	}

	function end(): void {
		store.end();
		stay();
	}

	return (
		<main class="panel" onKeyDown={leave}>
			<Header store={store} standing={running ? standing : null} onEnd={() => setEnding(true)} say={say} />
			<Transcript store={store} open={open} say={say} />
			<ConnectionNotice link={store.link} onResume={() => store.resume()} say={say} />
			{ending && running ? <EndDialog onEnd={end} onStay={stay} say={say} /> : null}
			<Composer store={store} field={writing} say={say} />
		</main>
	);
}
