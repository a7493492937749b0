import { hasVisibleText } from "@palique/ui/visible";
import type { Problem } from "../api/http";
import { Button } from "./Button";
import { Form } from "./Form";
import { ProblemMessage } from "./ProblemMessage";
import { TextField } from "./TextField";

interface Props {
	class: string;
	label: string;
	submit: string;
	text: string;
	limit: number;
	problem: Problem | null;
	busy: boolean;
	onText: (text: string) => void;
	onAdd: (text: string) => void;
}

/** Form for a text that joins a list. Its button appears when there is something to add. */
export function AddText({ class: name, label, submit, text, limit, problem, busy, onText, onAdd }: Props) {
	const ready = hasVisibleText(text);
	return (
		<Form class={name} onSubmit={() => ready && !busy && onAdd(text.trim())}>
			<TextField
				label={label}
				hideLabel
				lines={2}
				value={text}
				onValue={onText}
				limit={limit}
				placeholder={label}
			/>
			<ProblemMessage small problem={problem} />
			{ready ? (
				<div>
					<Button type="submit" kind="primary" small busy={busy}>
						{submit}
					</Button>
				</div>
			) : null}
		</Form>
	);
}
