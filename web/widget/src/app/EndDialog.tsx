import { useEffect, useRef } from "preact/hooks";
import type { T } from "./language";

interface Props {
	onEnd: () => void;
	onStay: () => void;
	t: T;
}

/** Confirms the end of the chat. The focus is on "Keep chatting". */
export function EndDialog({ onEnd, onStay, t }: Props) {
	const stay = useRef<HTMLButtonElement>(null);
	useEffect(() => stay.current?.focus(), []);
	return (
		<div class="end" role="alertdialog" aria-labelledby="end-question">
			<p id="end-question">{t("end_question")}</p>
			<button type="button" class="danger" onClick={onEnd}>
				{t("end_confirm")}
			</button>
			<button type="button" ref={stay} onClick={onStay}>
				{t("end_cancel")}
			</button>
		</div>
	);
}
