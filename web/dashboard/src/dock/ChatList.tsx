import "./ChatList.css";
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { ChatGroup, GroupKind } from "../chats/chatGroups";
import type { ChatSummary } from "../chats/chatSummary";
import { useChatActions } from "../chats/useChatActions";
import { Button, IconButton } from "../parts/Button";
import { EmptyState, Skeleton } from "../parts/EmptyState";
import { SearchField } from "../parts/SearchField";
import { useEscape } from "../parts/useDismiss";
import { useRovingFocus } from "../parts/useRovingFocus";
import { useStores } from "../StoresContext";
import { useText } from "../texts/useText";
import { toggleList } from "../windows/windowLayout";
import { ChatRow } from "./ChatRow";
import { NextUnread } from "./NextUnread";
import { useListedGroups } from "./useListedGroups";

/** The main chat window: all chats by need, with a filter (S-32). */
export function ChatList() {
	const { windows, otherChats } = useStores();
	const t = useText();
	const { show } = useChatActions();
	const root = useRef<HTMLElement>(null);
	const [query, setQuery] = useState("");
	const { groups, freeze } = useListedGroups(query);
	const { list, listHeld } = windows.screenLayout.value;
	const close = () => windows.change(toggleList);
	useEscape(root, query ? () => setQuery("") : listHeld ? null : close);
	useEffect(() => otherChats.watch("all"), [otherChats]);
	useRequestedFilter(root);
	const [first] = groups.flatMap(({ chats }) => chats);
	const openFirst = (event: Event) => {
		event.preventDefault();
		if (query && first) show(first.conversation);
	};
	return (
		<section
			class={list === "full" ? "chats-window chats-full" : "chats-window"}
			aria-label={t("chats_title")}
			ref={root}
		>
			<Head close={close} empty={first === undefined} />
			<form class="chats-filter" onSubmit={openFirst}>
				<SearchField label={t("chats_filter")} value={query} onValue={setQuery} />
			</form>
			<Groups groups={groups} filtered={query !== ""} freeze={freeze} />
		</section>
	);
}

/** `empty`: there is no chat to maximise. */
function Head({ close, empty }: { close: () => void; empty: boolean }) {
	const { windows, chatList } = useStores();
	const t = useText();
	const { listHeld, single } = windows.screenLayout.value;
	return (
		<header class="chats-head">
			<h2>{t("chats_title")}</h2>
			{listHeld ? null : <IconButton icon="minimise" size={16} label={t("minimise")} onClick={close} />}
			{listHeld || single || empty ? null : (
				<IconButton icon="maximise" size={16} label={t("maximise")} onClick={() => chatList.maximise()} />
			)}
		</header>
	);
}

interface GroupsProps {
	groups: readonly ChatGroup[];
	filtered: boolean;
	/** Called when the pointer moves over the rows. */
	freeze: () => void;
}

/** One tab stop; the arrow keys move between headings and rows. */
function Groups({ groups, filtered, freeze }: GroupsProps) {
	const t = useText();
	const body = useRef<HTMLDivElement>(null);
	useRovingFocus(body, "h3, li");
	return (
		<div class="chats-body" ref={body} onPointerMove={freeze}>
			{groups.map(({ kind, chats }, index) => (
				<Group key={kind} kind={kind} chats={chats} index={index} of={groups.length} filtered={filtered} />
			))}
			{groups.length === 0 ? <EmptyState icon="search" title={t("chats_no_match")} /> : null}
		</div>
	);
}

/** Moves the focus to the filter when the list was opened for it. */
function useRequestedFilter(root: RefObject<HTMLElement | null>): void {
	const { chatList } = useStores();
	const wanted = chatList.filterWanted.value;
	useEffect(() => {
		if (!wanted) return;
		chatList.filterWanted.value = false;
		root.current?.querySelector("input")?.focus();
	}, [wanted, chatList, root]);
}

const TITLES = {
	waiting: "chats_waiting",
	mine: "chats_mine",
	colleagues: "chats_others",
	ended: "chats_ended",
} as const;

interface GroupProps {
	kind: GroupKind;
	chats: readonly ChatSummary[];
	/** Of this group among the shown ones. */
	index: number;
	of: number;
	filtered: boolean;
}

/** The headings of all groups stay visible at the edges of the list; a click shows the group. */
function Group({ kind, chats, index, of, filtered }: GroupProps) {
	const { conversations, chatList } = useStores();
	const t = useText();
	const list = useRef<HTMLUListElement>(null);
	// A queue frame lists the oldest chats only.
	const more = kind === "waiting" && !filtered ? conversations.waitingCount.value - chats.length : 0;
	const place = { "--above": index, "--below": of - 1 - index };
	return (
		<>
			<div class="chats-heading" style={place}>
				<h3>
					<button
						type="button"
						class="chats-group"
						onClick={() => list.current?.scrollIntoView({ block: "start" })}
					>
						{t(TITLES[kind])}
						<span class={kind === "waiting" ? "badge badge-strong" : "badge"}>{chats.length + more}</span>
					</button>
				</h3>
				{kind === "mine" ? <NextUnread /> : null}
				{kind === "ended" ? <CloseAll chats={chats} /> : null}
			</div>
			<ul ref={list} style={place}>
				{chats.map((chat) => (
					<ChatRow
						key={chat.conversation}
						chat={chat}
						current={chatList.current.value === chat.conversation}
					/>
				))}
			</ul>
			{more > 0 ? <p class="chats-more muted small">{t.count("chats_more_waiting", more)}</p> : null}
			{kind === "mine" && chats.length === 0 ? <NoChats /> : null}
		</>
	);
}

function CloseAll({ chats }: { chats: readonly ChatSummary[] }) {
	const t = useText();
	const { closeWindow } = useChatActions();
	const closeAll = () => {
		for (const { conversation } of chats) closeWindow(conversation);
	};
	return (
		<Button small kind="quiet" onClick={closeAll}>
			{t("close_all")}
		</Button>
	);
}

function NoChats() {
	const { conversations } = useStores();
	const t = useText();
	// Known after the first `welcome`.
	if (conversations.state.value.me === null) return <Skeleton lines={2} />;
	return <EmptyState icon="chat" title={t("chats_none")} />;
}
