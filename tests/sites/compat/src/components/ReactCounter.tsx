import { useState } from "react";

export default function ReactCounter({ label }: { label: string }) {
  const [count, setCount] = useState(0);
  return (
    <button data-counter={label} onClick={() => setCount(count + 1)}>
      react says {count}
    </button>
  );
}
