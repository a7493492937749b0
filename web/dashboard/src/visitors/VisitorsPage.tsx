import "./VisitorsPage.css";
import type { VisitorRow, VisitorSort } from "@palique/client";
import { Icon } from "@palique/ui/Icon";
import { useCallback, useEffect, useState } from "preact/hooks";
import { Blank, Skeleton } from "../parts/Blank";
import { Button } from "../parts/Button";
import { SelectField, TextField } from "../parts/TextField";
import { useStores, useText } from "../stores";
import type { TextKey } from "../texts/LanguageStore";
import { MOST } from "./list-view";
import { STATE_TEXTS } from "./StateIcon";
import { VisitorTable } from "./VisitorTable";

export interface Sorting {
	sort: VisitorSort;
	descending: boolean;
}

type StateFilter = VisitorRow["state"] | "";

// The gateway sorts and filters: half a word need not trouble it.
const TYPING_PAUSE_MS = 250;
const STATES: readonly StateFilter[] = ["", "waiting", "chatting", "browsing", "idle"];

/** Who is on the site now, live (S-10, S-14 … S-22). */
export function VisitorsPage() {
	const { visitors } = useStores();
	const t = useText();
	const [sorting, setSorting] = useState<Sorting>({ sort: "since", descending: true });
	const [state, setState] = useState<StateFilter>("");
	const [typed, setTyped] = useState("");
	const text = usePause(typed.trim());
	const [range, setRange] = useState({ offset: 0, limit: MOST });

	const filtered = text !== "" || state !== "";
	useEffect(() => {
		const filter = { ...(text ? { text } : {}), ...(state ? { state } : {}) };
		visitors.show({ ...sorting, filter, ...range });
	}, [visitors, sorting, text, state, range]);
	useEffect(() => () => visitors.show(null), [visitors]);

	const look = useCallback((offset: number, limit: number) => {
		setRange((before) => (before.offset === offset && before.limit === limit ? before : { offset, limit }));
	}, []);
	const clear = () => {
		setTyped("");
		setState("");
	};

	const online = visitors.online.value;
	const { total } = visitors.window.value;
	return (
		<>
			<header class="page-head">
				<h1>{t("visitors_title")}</h1>
				{online !== null ? (
					<span class="live-count">
						<span class="live-dot" /> {t.count("online_now", online)}
					</span>
				) : null}
				<span class="page-head-space" />
				<TextField
					label={t("visitors_search")}
					hideLabel
					type="search"
					placeholder={t("visitors_search")}
					value={typed}
					onValue={setTyped}
				/>
				<SelectField
					label={t("visitors_state")}
					hideLabel
					value={state}
					onValue={setState}
					options={STATES.map((value) => ({ value, text: value ? t(STATE_TEXTS[value]) : t("state_any") }))}
				/>
			</header>
			{visitors.answered.value === null && total === 0 ? (
				<Skeleton lines={8} />
			) : total > 0 ? (
				<VisitorTable sorting={sorting} onSort={setSorting} look={look} />
			) : (
				<Nobody filtered={filtered} clear={clear} />
			)}
		</>
	);
}

function Nobody({ filtered, clear }: { filtered: boolean; clear: () => void }) {
	const t = useText();
	const title: TextKey = filtered ? "visitors_no_match" : "visitors_none";
	return (
		<Blank icon={filtered ? "search" : "people"} title={t(title)}>
			{filtered ? (
				<Button onClick={clear}>{t("clear_filters")}</Button>
			) : (
				<p>
					{t("visitors_none_lead")} <Icon name="eye" size={14} />
				</p>
			)}
		</Blank>
	);
}

function usePause(value: string): string {
	const [settled, setSettled] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setSettled(value), TYPING_PAUSE_MS);
		return () => clearTimeout(timer);
	}, [value]);
	return settled;
}
