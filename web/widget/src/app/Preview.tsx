import type { Entry } from "@palique/client";
import { Avatar } from "@palique/ui/Avatar";
import { stripBidiControls } from "@palique/ui/bidi";
import { isComposing } from "@palique/ui/composition";
import { Icon } from "@palique/ui/Icon";
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { T } from "./language";
import { agentPhoto } from "./photo";

interface Props {
	/** The message to show, if any. */
	entry: Entry | null;
	/** Stands for an author without a name. */
	title: string;
	onOpen: () => void;
	onDismiss: () => void;
	/** Called with the height that the preview needs (pixels). */
	onSize: (height: number) => void;
	t: T;
}

/** A message beside the button of a shut widget. A click opens the chat. */
export function Preview({ entry, title, onOpen, onDismiss, onSize, t }: Props) {
	const name = entry?.author?.name || title;
	return (
		<>
			<p class="visually-hidden" role="status">
				{entry ? t("preview_from", { name }) : null}
			</p>
			{entry ? (
				<PreviewCard entry={entry} name={name} onOpen={onOpen} onDismiss={onDismiss} onSize={onSize} t={t} />
			) : null}
		</>
	);
}

type CardProps = Omit<Props, "entry" | "title"> & { entry: Entry; name: string };

function PreviewCard({ entry: { author, text }, name, onOpen, onDismiss, onSize, t }: CardProps) {
	const box = useHeight(onSize);

	function pressed(event: KeyboardEvent): void {
		if (event.key === "Escape" && !isComposing(event)) onDismiss();
	}

	return (
		<div class="preview" ref={box}>
			<button type="button" class="preview-open" onClick={onOpen} onKeyDown={pressed}>
				<Avatar
					name={name}
					seed={author?.id}
					photo={author?.kind === "agent" ? agentPhoto(author.id) : null}
					size={36}
				/>
				<span class="preview-words">
					<b dir="auto">{name}</b>
					<span class="preview-text" dir="auto">
						{stripBidiControls(text ?? "")}
					</span>
				</span>
			</button>
			<button
				type="button"
				class="quiet"
				onClick={onDismiss}
				onKeyDown={pressed}
				title={t("preview_dismiss")}
			>
				<Icon name="close" size={18} label={t("preview_dismiss")} />
			</button>
		</div>
	);
}

/** Calls back with the height of an element (pixels), at first and at each change. */
function useHeight(onSize: Props["onSize"]): RefObject<HTMLDivElement | null> {
	const box = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const element = box.current;
		if (!element) return;
		const observer = new ResizeObserver(() => onSize(element.offsetHeight));
		observer.observe(element);
		return () => observer.disconnect();
	}, []);
	return box;
}
