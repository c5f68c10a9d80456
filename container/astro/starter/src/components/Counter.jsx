import { useState } from "preact/hooks";
import "./counter.css";

export default function Counter({ start = 0 }) {
  const [count, setCount] = useState(start);
  return (
    <div class="counter">
      <button type="button" onClick={() => setCount(count - 1)} aria-label="one less">
        −
      </button>
      <output>{count}</output>
      <button type="button" onClick={() => setCount(count + 1)} aria-label="one more">
        +
      </button>
      <span class="counter-label">counted so far</span>
    </div>
  );
}
