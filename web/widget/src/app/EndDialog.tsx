import { useEffect, useRef } from "preact/hooks";
import type { Say } from "./language";

interface Props {
	onEnd: () => void;
	onStay: () => void;
	say: Say;
}

/** Asks before the chat is ended. The harmless answer has the focus. */
export function EndDialog({ onEnd, onStay, say }: Props) {
	const stay = useRef<HTMLButtonElement>(null);
	useEffect(() => stay.current?.focus(), []);
	return (
		<div class="end" role="alertdialog" aria-labelledby="end-question">
			<p id="end-question">{say("end_question")}</p>
			<button type="button" class="danger" onClick={onEnd}>
				{say("end_confirm")}
			</button>
			<button type="button" ref={stay} onClick={onStay}>
				{say("end_cancel")}
			</button>
		</div>
	);
}
