import { useEffect, useRef } from "preact/hooks";
import type { Say } from "./language";

interface Props {
	onEnd: () => void;
	onStay: () => void;
	say: Say;
}

/** Confirms the end of the chat. The focus is on "Keep chatting". */
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
