import { useState } from "preact/hooks";
import type { Comment } from "../api/shapes";
import { AddText } from "../parts/AddText";
import { useRequest } from "../parts/useRequest";
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
	const { busy, problem, run, clear } = useRequest();

	const write = (next: Draft) => {
		tab.write(name, next);
		setDraft(next);
	};
	const add = (text: string) =>
		run(async () => {
			clear();
			added(await api.addComment(ticket, draft.id, text));
			write(empty());
		});
	return (
		<AddText
			class="activity-form"
			label={t("comment_new")}
			submit={t("comment_add")}
			text={draft.text}
			limit={LIMIT}
			problem={problem}
			busy={busy}
			onText={(text) => write({ ...draft, text })}
			onAdd={add}
		/>
	);
}
