import "./Palette.css";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ChatSummary } from "../chats/chatSummary";
import { IconButton } from "../parts/Button";
import { Dialog } from "../parts/Dialog";
import { ProblemMessage } from "../parts/ProblemMessage";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { PaletteField } from "./PaletteField";
import { PaletteList } from "./PaletteList";
import { beside, matching, optionId, selected } from "./paletteItems";
import type { Commands } from "./useCommands";
import { usePaletteActions } from "./usePaletteActions";
import { usePaletteSearch } from "./usePaletteSearch";

interface Props {
	commands: Commands;
	/** The chat to which actions apply. */
	current: ChatSummary | undefined;
	/** Called with the action of the picked entry. */
	picked: (act: () => void) => void;
}

/** Dialog that finds people, chats, tickets, pages and actions: a text field with a list below it. */
export function Palette({ commands, current, picked }: Props) {
	const { keyboard } = useStores();
	const t = useText();
	const list = useId();
	const field = useRef<HTMLInputElement>(null);
	const [query, setQuery] = useState("");
	const [chosen, setChosen] = useState<string | null>(null);
	const search = usePaletteSearch(query);
	// Entries that arrive later stand below, so that the selected one does not move.
	const groups = [...matching(usePaletteActions(commands, current), query), ...search.groups];
	const active = selected(groups, chosen);
	const count = groups.reduce((sum, { items }) => sum + items.length, 0);
	// Here, so that it runs after the dialog has moved the focus to its title.
	useLayoutEffect(() => field.current?.focus(), []);
	const close = () => keyboard.close();
	const write = (text: string) => {
		setQuery(text);
		setChosen(null);
	};
	const tools = <IconButton icon="close" label={t("close")} onClick={close} />;
	return (
		<Dialog title={t("do_palette")} tools={tools} onClose={close}>
			<div class="palette">
				<PaletteField
					field={field}
					query={query}
					onQuery={write}
					list={list}
					expanded={count > 0}
					active={active && optionId(list, active)}
					onStep={(step) => setChosen(beside(groups, chosen, step))}
					onPick={() => active && picked(active.act)}
				/>
				<PaletteList id={list} groups={groups} active={active} pick={({ act }) => picked(act)} />
				<State searching={search.searching} count={count} />
				<ProblemMessage small problem={search.problem} />
			</div>
		</Dialog>
	);
}

/** Announces the number of entries. */
function State({ searching, count }: { searching: boolean; count: number }) {
	const t = useText();
	return (
		<p class="palette-state muted small" role="status">
			{searching ? t("searching") : count === 0 ? t("palette_none") : t.count("results", count)}
		</p>
	);
}
