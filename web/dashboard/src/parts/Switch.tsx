import "./Switch.css";
import { useId } from "preact/hooks";

interface Props {
	label: string;
	hint?: string;
	on: boolean;
	busy?: boolean;
	onChange: (on: boolean) => void;
}

/** Switch that takes effect at once. */
export function Switch({ label, hint, on, busy, onChange }: Props) {
	const id = useId();
	return (
		<div class="switch-row">
			<div class="switch-words">
				<span id={id} class="switch-label">
					{label}
				</span>
				{hint ? (
					<span id={`${id}-hint`} class="muted small">
						{hint}
					</span>
				) : null}
			</div>
			<button
				type="button"
				role="switch"
				class="switch"
				aria-checked={on}
				aria-labelledby={id}
				aria-describedby={hint ? `${id}-hint` : undefined}
				aria-busy={busy || undefined}
				onClick={() => busy || onChange(!on)}
			/>
		</div>
	);
}
