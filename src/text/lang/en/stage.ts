/** Words of the editor panel and the stage. */
export const stage = {
  stageLabel: 'Stage: the cluster and the way of the request',
  editorLabel: 'YAML editor',
}
