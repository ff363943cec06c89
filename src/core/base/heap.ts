/**
 * An immutable queue of what is to happen when, earliest first (a leftist heap): adding and taking copy a few nodes at most, also where
 * there are a million; undefined when it is empty. Times are numbers of any unit.
 */
export type Heap<V> = HeapNode<V> | undefined

type HeapNode<V> = {
  readonly at: number
  readonly value: V
  readonly rank: number
  readonly left: Heap<V>
  readonly right: Heap<V>
}

/** The queue with one thing more; among those of one time it comes first. */
export function heapPush<V>(heap: Heap<V>, at: number, value: V): HeapNode<V> {
  const node = { at, value, rank: 1, left: undefined, right: undefined }
  if (!heap) return node
  return at <= heap.at ? { at, value, rank: 1, left: heap, right: undefined } : merged(heap, node)
}

/** The queue without its earliest. */
export function heapRest<V>({ left, right }: HeapNode<V>): Heap<V> {
  return left && right ? merged(left, right) : (left ?? right)
}

/** Goes down the right sides, which are never longer than the logarithm of the size. */
function merged<V>(a: HeapNode<V>, b: HeapNode<V>): HeapNode<V> {
  const [first, second] = b.at < a.at ? [b, a] : [a, b]
  const { at, value, left } = first
  const right = first.right ? merged(first.right, second) : second
  const isRight = (left?.rank ?? 0) < right.rank
  return isRight ? { at, value, rank: (left?.rank ?? 0) + 1, left: right, right: left } : { at, value, rank: right.rank + 1, left, right }
}
