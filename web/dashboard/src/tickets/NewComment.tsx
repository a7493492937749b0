import { hasVisibleText } from "@palique/ui/visible";
import { useState } from "preact/hooks";
import { asProblem, type Problem } from "../api/http";
import type { Comment } from "../api/shapes";
import { Button } from "../parts/Button";
import { Form } from "../parts/Form";
import { ProblemMessage } from "../parts/ProblemMessage";
import { TextField } from "../parts/TextField";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";

interface Props {
	ticket: string;
	added: (comment: Comment) => void;
}

// The gateway's limit.
const LIMIT = 4_000;

interface Draft {
	id: string;
	text: string;
}

const empty = (): Draft => ({ id: crypto.randomUUID(), text: "" });

/** Form for a comment. An unsent comment is stored in this tab with its id, so that sending twice adds it once. */
export function NewComment({ ticket, added }: Props) {
	const { api, tab } = useStores();
	const t = useText();
	const name = `comment.${ticket}`;
	const [draft, setDraft] = useState(() => tab.read<Draft>(name) ?? empty());
	const { text } = draft;
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<Problem | null>(null);

	const write = (next: Draft) => {
		tab.write(name, next);
		setDraft(next);
	};
	const send = async () => {
		if (busy || !hasVisibleText(text)) return;
		setBusy(true);
		setProblem(null);
		try {
			added(await api.addComment(ticket, draft.id, text.trim()));
			write(empty());
		} catch (error) {
			setProblem(asProblem(error));
		}
		setBusy(false);
	};
	return (
		<Form class="activity-form" onSubmit={send}>
			<TextField
				label={t("comment_new")}
				hideLabel
				lines={2}
				value={text}
				onValue={(text) => write({ ...draft, text })}
				limit={LIMIT}
				placeholder={t("comment_new")}
			/>
			<ProblemMessage small problem={problem} />
			{hasVisibleText(text) ? (
				<div>
					<Button type="submit" kind="primary" small busy={busy}>
						{t("comment_add")}
					</Button>
				</div>
			) : null}
		</Form>
	);
}
