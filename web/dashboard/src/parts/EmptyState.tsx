import "./EmptyState.css";
import { Icon, type IconName } from "@palique/ui/Icon";
import type { ComponentChildren } from "preact";
import type { Problem } from "../api/http";
import { problemText } from "../texts/problem";
import { useText } from "../texts/useText";
import { Button } from "./Button";
import type { Loaded } from "./useLoad";

interface Props {
	icon: IconName;
	title: string;
	children?: ComponentChildren;
}

/** Message for an empty list or page. */
export function EmptyState({ icon, title, children }: Props) {
	return (
		<div class="blank">
			<span class="blank-icon">
				<Icon name={icon} size={26} />
			</span>
			<p class="blank-title">{title}</p>
			{children}
		</div>
	);
}

export function Failed({ problem, retry }: { problem: Problem; retry?: () => void }) {
	const t = useText();
	return (
		<div role="alert">
			<EmptyState icon="warning" title={problemText(t, problem)}>
				{retry ? (
					<Button icon="retry" onClick={retry}>
						{t("try_again")}
					</Button>
				) : null}
			</EmptyState>
		</div>
	);
}

interface LoadingProps {
	loaded: Pick<Loaded<unknown>, "problem" | "reload">;
	lines?: number;
}

/** In the place of a value until it is loaded: grey lines, or why loading failed. */
export function Loading({ loaded: { problem, reload }, lines = 5 }: LoadingProps) {
	return problem ? <Failed problem={problem} retry={reload} /> : <Skeleton lines={lines} />;
}

/** Grey placeholder lines while content loads. */
export function Skeleton({ lines = 5 }: { lines?: number }) {
	const t = useText();
	return (
		<div class="skeleton" role="status">
			<span class="visually-hidden">{t("loading")}</span>
			{Array.from({ length: lines }, (_, index) => (
				<span key={index} class="skeleton-line" aria-hidden="true" />
			))}
		</div>
	);
}
